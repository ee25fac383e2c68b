#include <boost/test/unit_test.hpp>

namespace ticketbench {
void add_contract();
}

// By hand and not by BOOST_TEST_MODULE: the contract's cases are made from the registry, which is
// only full when static initialisation is over.
int main(int argc, char** argv) {
  const auto begin = [] {
    boost::unit_test::framework::master_test_suite().p_name.value = "methods";
    ticketbench::add_contract();
    return true;
  };
  return boost::unit_test::unit_test_main(begin, argc, argv);
}
