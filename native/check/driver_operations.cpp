// driver_operations: every operation on small shapes, at times on hostile ones.
#include "check/driver.h"

namespace alexnet::check {

namespace {

int32_t up_to(Thread& t, int32_t most) { return t.number(int32_t(1 + t.below(uint64_t(most)))); }
float value(Thread& t) { return t.one_of({0.f, .5f, 1.f, 1.f, -1.f, 1e30f, __builtin_nanf(""), __builtin_inff()}); }
// Null at times, as every shape must be refused then.
template <class Shape>
const Shape* shape(Thread& t, const Shape& s) {
  return t.one_in(32) ? nullptr : &s;
}

alexnet_conv_shape conv(Thread& t) {
  const int32_t groups = int32_t(1 + t.below(2)), side = int32_t(1 + t.below(3));
  return {up_to(t, 2),
          t.number(2 * groups),
          up_to(t, 6),
          up_to(t, 6),
          t.number(4 * groups),
          t.number(side),
          t.number(side),
          up_to(t, 2),
          t.number(int32_t(t.below(2))),
          t.number(groups),
          t.number(int32_t(t.below(2)))};
}
// Few positions: its weights are to fit into a thread's buffers.
alexnet_conv_shape local(Thread& t) {
  const int32_t side = int32_t(1 + t.below(2));
  return {up_to(t, 2),    t.number(2), up_to(t, 4),
          up_to(t, 4),    t.number(4), t.number(side),
          t.number(side), up_to(t, 2), t.number(int32_t(t.below(2))),
          t.number(1)};
}
alexnet_fc_shape fc(Thread& t) { return {up_to(t, 3), up_to(t, 40), up_to(t, 20)}; }
alexnet_lrn_shape lrn(Thread& t) {
  return {up_to(t, 2), up_to(t, 4), up_to(t, 4), t.number(8), t.number(t.one_of({1, 3, 5, 2})), value(t), .1f, .75f};
}
alexnet_channels_shape channels(Thread& t) {
  return {t.size(8),  t.number(8), t.number(int32_t(t.below(6))), t.number(8), t.number(int32_t(t.below(6))),
          up_to(t, 4)};
}
alexnet_pool_shape pool(Thread& t) {
  return {up_to(t, 2),
          up_to(t, 6),
          up_to(t, 6),
          t.number(4),
          up_to(t, 3),
          up_to(t, 2),
          t.number(int32_t(t.below(2))),
          t.number(int32_t(t.below(2)))};
}
alexnet_lrn_pool_shape lrn_pool(Thread& t) {
  alexnet_lrn_pool_shape s = {};
  s.N = up_to(t, 2), s.H = up_to(t, 6), s.W = up_to(t, 6), s.C = t.number(8);
  s.relu = t.number(1), s.lrn_size = t.number(t.one_of({0, 3, 5})), s.k = 2.f, s.alpha = .1f, s.beta = .75f;
  s.pool_size = up_to(t, 3), s.stride = up_to(t, 2), s.ties = t.number(int32_t(t.below(2)));
  return s;
}
alexnet_softmax_shape softmax(Thread& t) { return {up_to(t, 4), up_to(t, 30)}; }
alexnet_input_shape input(Thread& t) {
  return {up_to(t, 2), t.number(8), t.number(t.one_of({4, 7, 8})),    t.number(int32_t(t.below(3))),
          t.number(0), t.number(0), t.number(int32_t(1 + t.below(2)))};
}
alexnet_dropout_shape dropout(Thread& t, int64_t count) {
  return {t.size(count), t.size(8), t.below(9), uint32_t(t.below(3)), value(t)};
}
alexnet_sgd_shape sgd(Thread& t, int64_t count) {
  return {t.size(count), value(t), .01f, t.number(int32_t(t.below(2)))};
}
int64_t count(Thread& t) { return t.size(int64_t(1 + t.below(600))); }
alexnet_buffer* sums(Thread& t) { return t.one_in(2) ? nullptr : t.buffer(); }
int32_t flag(Thread& t) { return t.number(int32_t(t.below(2))); }

std::vector<Function> weighted_functions() {
  return {
      {"alexnet_conv_fprop",
       [](Thread& t) {
         const auto s = conv(t);
         return alexnet_conv_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer(), sums(t),
                                   flag(t), flag(t));
       }},
      {"alexnet_conv_dgrad",
       [](Thread& t) {
         const auto s = conv(t);
         return alexnet_conv_dgrad(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_conv_wgrad",
       [](Thread& t) {
         const auto s = conv(t);
         return alexnet_conv_wgrad(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_local_fprop",
       [](Thread& t) {
         const auto s = local(t);
         return alexnet_local_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer(), sums(t),
                                    flag(t), flag(t));
       }},
      {"alexnet_local_dgrad",
       [](Thread& t) {
         const auto s = local(t);
         return alexnet_local_dgrad(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_local_wgrad",
       [](Thread& t) {
         const auto s = local(t);
         return alexnet_local_wgrad(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_fc_fprop",
       [](Thread& t) {
         const auto s = fc(t);
         const auto d = dropout(t, int64_t(s.N) * s.K);
         return alexnet_fc_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer(), sums(t),
                                 flag(t), flag(t), t.one_in(2) ? nullptr : &d, t.buffer(), flag(t));
       }},
      {"alexnet_fc_dgrad",
       [](Thread& t) {
         const auto s = fc(t);
         return alexnet_fc_dgrad(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_fc_wgrad",
       [](Thread& t) {
         const auto s = fc(t);
         return alexnet_fc_wgrad(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_fc_wgrad_update",
       [](Thread& t) {
         const auto s = fc(t);
         const auto u = sgd(t, int64_t(s.C) * s.K);
         return alexnet_fc_wgrad_update(t.stream(), shape(t, s), shape(t, u), t.buffer(), t.buffer(), t.buffer(),
                                        t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_bias_grad",
       [](Thread& t) { return alexnet_bias_grad(t.stream(), count(t), up_to(t, 3), t.buffer(), t.buffer()); }},
      {"alexnet_sgd_update",
       [](Thread& t) {
         alexnet_sgd_array arrays[3] = {};
         for (alexnet_sgd_array& array : arrays) {
           array.shape = sgd(t, int64_t(1 + t.below(300)));
           array.w = t.buffer(), array.v = t.buffer(), array.g = t.buffer();
         }
         const int32_t many = t.one_of({1, 1, 2, 3, 0, -1, 65, INT32_MIN});
         return alexnet_sgd_update(t.stream(), t.one_in(32) ? nullptr : arrays, many, t.buffer());
       }},
  };
}

std::vector<Function> plain_functions() {
  return {
      {"alexnet_relu_fprop",
       [](Thread& t) { return alexnet_relu_fprop(t.stream(), count(t), t.buffer(), t.buffer()); }},
      {"alexnet_relu_bprop",
       [](Thread& t) { return alexnet_relu_bprop(t.stream(), count(t), t.buffer(), t.buffer(), t.buffer()); }},
      {"alexnet_tanh_fprop",
       [](Thread& t) { return alexnet_tanh_fprop(t.stream(), count(t), t.buffer(), t.buffer()); }},
      {"alexnet_sigmoid_fprop",
       [](Thread& t) { return alexnet_sigmoid_fprop(t.stream(), count(t), t.buffer(), t.buffer()); }},
      {"alexnet_tanh_bprop",
       [](Thread& t) { return alexnet_tanh_bprop(t.stream(), count(t), t.buffer(), t.buffer(), t.buffer()); }},
      {"alexnet_sigmoid_bprop",
       [](Thread& t) { return alexnet_sigmoid_bprop(t.stream(), count(t), t.buffer(), t.buffer(), t.buffer()); }},
      {"alexnet_add",
       [](Thread& t) {
         return alexnet_add(t.stream(), count(t), t.buffer(), t.buffer(), t.one_in(2) ? nullptr : t.buffer(),
                            t.buffer());
       }},
      {"alexnet_add_parameters",
       [](Thread& t) { return alexnet_add_parameters(t.stream(), count(t), t.buffer(), t.buffer(), t.buffer()); }},
      {"alexnet_cast", [](Thread& t) { return alexnet_cast(t.stream(), count(t), t.buffer(), t.buffer()); }},
      {"alexnet_lrn_fprop",
       [](Thread& t) {
         const auto s = lrn(t);
         return alexnet_lrn_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer());
       }},
      {"alexnet_lrn_bprop",
       [](Thread& t) {
         const auto s = lrn(t);
         return alexnet_lrn_bprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_lrn_map_fprop",
       [](Thread& t) {
         const auto s = lrn(t);
         return alexnet_lrn_map_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer());
       }},
      {"alexnet_lrn_map_bprop",
       [](Thread& t) {
         const auto s = lrn(t);
         return alexnet_lrn_map_bprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_channels_copy",
       [](Thread& t) {
         const auto s = channels(t);
         return alexnet_channels_copy(t.stream(), shape(t, s), t.buffer(), t.buffer());
       }},
      {"alexnet_pool_fprop",
       [](Thread& t) {
         const auto s = pool(t);
         return alexnet_pool_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer());
       }},
      {"alexnet_pool_bprop",
       [](Thread& t) {
         const auto s = pool(t);
         return alexnet_pool_bprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_lrn_pool_fprop",
       [](Thread& t) {
         const auto s = lrn_pool(t);
         return alexnet_lrn_pool_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer(),
                                       t.one_in(2) ? nullptr : t.buffer());
       }},
      {"alexnet_lrn_pool_bprop",
       [](Thread& t) {
         const auto s = lrn_pool(t);
         return alexnet_lrn_pool_bprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer());
       }},
  };
}

// Of the network's ends, and what reads numbers from the device's memory, which hold anything here.
std::vector<Function> end_functions() {
  return {
      {"alexnet_dropout_fprop",
       [](Thread& t) {
         const auto s = dropout(t, int64_t(1 + t.below(600)));
         return alexnet_dropout_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), flag(t));
       }},
      {"alexnet_dropout_bprop",
       [](Thread& t) {
         const auto s = dropout(t, int64_t(1 + t.below(600)));
         return alexnet_dropout_bprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_softmax_fprop",
       [](Thread& t) {
         const auto s = softmax(t);
         return alexnet_softmax_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer());
       }},
      {"alexnet_softmax_metrics",
       [](Thread& t) {
         const auto s = softmax(t);
         return alexnet_softmax_metrics(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer());
       }},
      {"alexnet_softmax_bprop",
       [](Thread& t) {
         const auto s = softmax(t);
         return alexnet_softmax_bprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), value(t), t.buffer());
       }},
      {"alexnet_softmax_loss",
       [](Thread& t) {
         const auto s = softmax(t);
         return alexnet_softmax_loss(t.stream(), shape(t, s), t.buffer(), t.buffer(), value(t), t.buffer(), t.buffer(),
                                     t.one_in(2) ? nullptr : t.buffer());
       }},
      {"alexnet_input_fprop",
       [](Thread& t) {
         const auto s = input(t);
         return alexnet_input_fprop(t.stream(), shape(t, s), t.buffer(), t.buffer(), t.buffer(), t.buffer(),
                                    t.one_in(2) ? nullptr : t.buffer(), t.buffer());
       }},
  };
}

}  // namespace

std::vector<Function> operation_functions() {
  std::vector<Function> all = weighted_functions();
  for (const auto& part : {plain_functions(), end_functions()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace alexnet::check
