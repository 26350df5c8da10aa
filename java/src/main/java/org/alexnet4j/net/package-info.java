/**
 * API: descriptions of networks: what the layers are, how wide, which towers they read. No device
 * code and no buffers. Start reading in {@link org.alexnet4j.net.NetworkSpec}, then {@link
 * org.alexnet4j.net.AlexNet} for the paper's network.
 */
package org.alexnet4j.net;
