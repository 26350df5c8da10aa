/**
 * Internal: reads weights that other programs wrote, as named tensors: safetensors, PyTorch's ZIP
 * archives and rows of pickles, NumPy's arrays, Caffe's and ONNX's protobuf messages. Nothing in a
 * file is executed, and every length is held against its limit before it is used. Imports {@code
 * io}; knows no network. Start with {@code ForeignFile}.
 */
package org.alexnet4j.foreign.file;
