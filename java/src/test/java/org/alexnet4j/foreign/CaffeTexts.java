package org.alexnet4j.foreign;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.ForeignWriter.Message;

/** CaffeNet as people write its prototxt, and as a model that has nothing but its blobs. */
final class CaffeTexts {
  private static final List<String> ORDER =
      List.of(
          ("conv1 relu1 pool1 norm1 conv2 relu2 pool2 norm2 conv3 relu3 conv4 relu4 conv5 relu5"
                  + " pool5 fc6 relu6 drop6 fc7 relu7 drop7 fc8")
              .split(" "));

  private CaffeTexts() {}

  /** The names of CaffeNet's tensors, each with one element. */
  static Map<String, Array> tiny() {
    Map<String, Array> tiny = new LinkedHashMap<>();
    SmallNetworks.caffeNet(1)
        .keySet()
        .forEach(name -> tiny.put(name, Array.of(new float[] {1}, 1)));
    return tiny;
  }

  /** The layers of CaffeNet between its images and its end, each on one line. */
  static String layers(boolean v1, Map<String, Array> all) {
    StringBuilder text = new StringBuilder();
    String from = "data";
    for (String name : ORDER) {
      text.append(layer(v1, name, from, all)).append('\n');
      from = name;
    }
    return text.toString();
  }

  private static String layer(boolean v1, String name, String from, Map<String, Array> all) {
    String end = " bottom: \"" + from + "\" top: \"" + name + "\" }";
    String start = (v1 ? "layers { name: '" : "layer { name: '") + name + "' type: ";
    long outputs = all.containsKey(name + ".bias") ? all.get(name + ".bias").shape()[0] : 0;
    String count = "num_output: " + outputs;
    return start
        + switch (name.replaceAll("[0-9]", "")) {
          case "conv" -> {
            int number = name.charAt(4) - '0';
            int kernel = number == 1 ? 11 : number == 2 ? 5 : 3;
            yield (v1 ? "CONVOLUTION" : "\"Convolution\"")
                + (v1 ? " blobs_lr: 1 blobs_lr: 2" : " param { lr_mult: 1 } param { lr_mult: 2 }")
                + " convolution_param { "
                + count
                + " kernel_size: "
                + kernel
                + (number == 1 ? " stride: 4" : "")
                + (number == 1 ? "" : " pad: " + (number == 2 ? 2 : 1))
                + (number == 1 || number == 3 ? "" : " group: 2")
                + " weight_filler { type: 'gaussian' std: 0.01 } engine: CAFFE }";
          }
          case "fc" ->
              (v1 ? "INNER_PRODUCT" : "'InnerProduct'") + " inner_product_param { " + count + " }";
          case "norm" ->
              (v1 ? "LRN" : "'LRN'") + " lrn_param { local_size: 5 alpha: 1e-4 beta: .75 }";
          case "pool" ->
              (v1 ? "POOLING" : "'Pooling'")
                  + " pooling_param: < pool: MAX kernel_size: 3 stride: 2 >";
          case "drop" -> (v1 ? "DROPOUT" : "'Dropout'") + " dropout_param { dropout_ratio: 0.5 }";
          default -> v1 ? "RELU" : "'ReLU'";
        }
        + end;
  }

  /** A deploy.prototxt of today, its image as a layer. */
  static String deploy(Map<String, Array> all) {
    return "name: 'CaffeNet'\n"
        + "layer { name: 'data' type: 'Input' top: 'data'\n"
        + "  input_param { shape: { dim: 10 dim: 3 dim: 227 dim: 227 } } }\n"
        + layers(false, all)
        + "layer { name: 'prob' type: 'Softmax' bottom: 'fc8' top: 'prob' }\n";
  }

  /** A deploy.prototxt of 2014, its image as four numbers. */
  static String deployV1(Map<String, Array> all) {
    return "name: 'CaffeNet'\ninput: 'data'\n"
        + "input_dim: 10 input_dim: 3 input_dim: 227 input_dim: 227\n"
        + layers(true, all)
        + "layers { name: 'prob' type: SOFTMAX bottom: 'fc8' top: 'prob' }\n";
  }

  /** A train_val.prototxt of today; the two phases have other crops' sources, means and ends. */
  static String trainVal(Map<String, Array> all) {
    return "name: 'CaffeNet'\n"
        + "layer { name: 'data' type: 'Data' top: 'data' top: 'label' include { phase: TRAIN }\n"
        + "  transform_param { mirror: true crop_size: 200 mean_value: 1 scale: 7 }\n"
        + "  data_param { source: 'train_lmdb' batch_size: 256 backend: LMDB } }\n"
        + "layer { name: 'data' type: 'Data' top: 'data' top: 'label' include { phase: TEST }\n"
        + "  transform_param { mirror: false crop_size: 227 mean_value: 104 mean_value: 117\n"
        + "    mean_value: 123 } data_param { source: 'val_lmdb' batch_size: 50 } }\n"
        + layers(false, all)
        + "layer { name: 'accuracy' type: 'Accuracy' bottom: 'fc8' bottom: 'label' top: 'accuracy'"
        + " include { phase: TEST } accuracy_param { top_k: 5 } }\n"
        + "layer { name: 'slow' type: 'Power' bottom: 'fc8' top: 'slow' exclude { phase: TEST } }\n"
        + "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'fc8' bottom: 'label' top: 'loss' }";
  }

  /** A train_val.prototxt of early 2014, in which the source of images states crop and mean. */
  static String trainValV1(Map<String, Array> all, String mean) {
    return "layers { name: 'data' type: DATA top: 'data' top: 'label'\n"
        + "  data_param { source: 'leveldb' crop_size: 227 mirror: false }\n"
        + "  transform_param { "
        + mean
        + " } include: { phase: TEST } }\n"
        + layers(true, all)
        + "layers { name: 'loss' type: SOFTMAX_LOSS bottom: 'fc8' bottom: 'label' }\n";
  }

  /** A model that says the names of its layers and has their blobs, no types and no parameters. */
  static byte[] stripped(boolean v1, Map<String, Array> all) {
    Message net = new Message();
    for (String name : ORDER) {
      if (all.containsKey(name + ".weight")) {
        Message layer = new Message().text(v1 ? 4 : 1, name);
        layer.message(v1 ? 6 : 7, ForeignWriter.blob(v1, all.get(name + ".weight")));
        layer.message(v1 ? 6 : 7, ForeignWriter.blob(v1, all.get(name + ".bias")));
        net.message(v1 ? 2 : 100, layer);
      }
    }
    return net.toBytes();
  }
}
