/**
 * Internal: looks for what would keep the program from working here, or make it slow: Java,
 * processor, memory, GPUs, folders, the build, libraries, a data set.
 *
 * <p>Each class reads facts of one kind into a record and judges them in a pure function. Imports
 * {@code device}, {@code tower}, {@code engine}, {@code data}, {@code io} and {@code report};
 * prints nothing. Start reading at {@link org.alexnet4j.doctor.Doctor}.
 */
package org.alexnet4j.doctor;
