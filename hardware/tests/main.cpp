#define BOOST_TEST_MODULE hardware
#include <boost/test/unit_test.hpp>
