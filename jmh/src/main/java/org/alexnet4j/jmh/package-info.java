/**
 * Benchmarks of what a user feels. Each one's Javadoc has its question, its unit and its command;
 * {@link org.alexnet4j.jmh.Main} runs them.
 */
package org.alexnet4j.jmh;
