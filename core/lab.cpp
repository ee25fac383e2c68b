#include "core/lab.hpp"

#include <stdexcept>

namespace ticketbench {

NetPtr Lab::net(const Ticket& ticket, const State& state) {
  if (state.empty())
    throw std::invalid_argument("the source's ticket doesn't hold the weights to start from");
  NetPtr net = empty_net(ticket.architecture, ticket.prunable);
  net->load(state);
  return net;
}

torch::Tensor Lab::loss(const Net& net, const Batch& batch, BnMode mode,
                        const EffectiveWeight& effective) {
  return torch::cross_entropy_loss(logits(net, batch, mode, effective), batch.labels);
}

}  // namespace ticketbench
