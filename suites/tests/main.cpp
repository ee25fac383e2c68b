#define BOOST_TEST_MODULE suites
#include <boost/test/included/unit_test.hpp>
