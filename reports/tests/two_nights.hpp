// Two nights of records for the tests of comparisons.

#pragma once

#include "reports/tests/sample.hpp"

#include <cstdint>
#include <vector>

namespace ticketbench {

// As sample_record; runs that are right about as many images as others give other answers, unless
// their Samples are equal.
Record night_record(const Sample& sample);

// A record for each seed from 1 on, with these many correct answers of 1,000.
std::vector<Record> night_records(Sample sample, const std::vector<int64_t>& correct);

struct TwoNights {
  std::vector<Record> base;
  std::vector<Record> now;
};

// One cell or more of each verdict, paths of levels and sources among them.
TwoNights two_nights();

}  // namespace ticketbench
