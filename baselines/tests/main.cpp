#include <boost/test/included/unit_test.hpp>

namespace ticketbench {
void add_contract();
}

// By hand and not by BOOST_TEST_MODULE: the contract's cases are made from the registry, which is
// only full when static initialisation is over.
boost::unit_test::test_suite* init_unit_test_suite(int, char**) {
  boost::unit_test::framework::master_test_suite().p_name.value = "baselines";
  ticketbench::add_contract();
  return nullptr;
}
