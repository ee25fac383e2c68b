#define BOOST_TEST_MODULE baselines
#include <boost/test/unit_test.hpp>
