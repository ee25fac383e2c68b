// The variance that many small samples have in common. Five seeds tell little about a variance, but
// two hundred cells of five seeds tell how large variances here are and how much they differ
// (Smyth, Stat. Appl. Genet. Mol. Biol. 3, 2004, section 6.2: empirical Bayes).

#pragma once

#include <limits>
#include <span>

namespace ticketbench {

struct SampleVariance {
  double variance = 0;
  double degrees_of_freedom = 0;  // n - 1
};

// What is known of a sample's variance beforehand, as if so many more values of that variance had
// been seen. The default knows nothing.
struct VariancePrior {
  double variance = 0;
  double degrees_of_freedom = 0;  // infinite where the samples differ no more than by chance
  double limit = std::numeric_limits<double>::infinity();  // of all samples together

  // A sample's variance drawn towards the common one, yet never below its own: samples that
  // scatter more than most would otherwise raise false alarms.
  [[nodiscard]] SampleVariance with(const SampleVariance& own) const;
};

// Fitted to the scatter of the logarithms. Samples without a variance > 0 tell nothing here; fewer
// than 10 others give the prior that knows nothing. Throws std::invalid_argument for a variance
// that is negative or not finite.
VariancePrior variance_prior(std::span<const SampleVariance> samples);

}  // namespace ticketbench
