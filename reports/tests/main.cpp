#define BOOST_TEST_MODULE reports
#include <boost/test/included/unit_test.hpp>
