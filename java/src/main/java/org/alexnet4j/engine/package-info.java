/**
 * The operations of the network behind one interface, {@link org.alexnet4j.engine.Engine}: our
 * kernels on {@code cuda} and {@code emu}, oneDNN and our own vector code on {@code cpu}. Imports
 * {@code device}, {@code shape} and {@code bindings}; knows no network.
 */
package org.alexnet4j.engine;
