/**
 * Benchmarks of what a user feels. Each one's Javadoc has its question, its unit and its command.
 */
package org.alexnet4j.jmh;
