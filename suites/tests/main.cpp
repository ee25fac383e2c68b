#define BOOST_TEST_MODULE suites
#include <boost/test/unit_test.hpp>
