/**
 * Internal: turns images as their makers give them into a prepared set, and checks one: {@link
 * org.alexnet4j.data.prepare.Preparation} and {@link org.alexnet4j.data.prepare.PackedCheck}.
 *
 * <p>Knows all other packages of {@code data}; none of them knows this one.
 */
package org.alexnet4j.data.prepare;
