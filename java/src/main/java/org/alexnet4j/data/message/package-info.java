/**
 * API: what is said about data: {@link org.alexnet4j.data.message.DataException}, that they cannot
 * be used, and {@link org.alexnet4j.data.message.FileNote}, what a person should know of their
 * files.
 *
 * <p>Every package of {@code data} knows this one, which knows none of them.
 */
package org.alexnet4j.data.message;
