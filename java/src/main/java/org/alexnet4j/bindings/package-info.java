/**
 * Internal: the hand-written JavaCPP class of {@code native/include/alexnet.h}, and how the
 * libraries behind it are loaded. Start reading in {@link org.alexnet4j.bindings.AlexnetAbi}. Only
 * {@code device} and {@code engine} use it.
 */
package org.alexnet4j.bindings;
