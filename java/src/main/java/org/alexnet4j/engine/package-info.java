/**
 * Internal: the operations of the network behind one interface, {@link
 * org.alexnet4j.engine.Engine}: our kernels on every kind of device, or oneDNN on {@code cpu} to
 * compare with. Imports {@code device}, {@code shape} and {@code bindings}; knows no network.
 */
package org.alexnet4j.engine;
