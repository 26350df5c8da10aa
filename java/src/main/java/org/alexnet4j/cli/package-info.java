/**
 * The command line: parses options, calls the packages that do the work, prints what they return.
 *
 * <p>Results go to standard output, messages to standard error; every failure is one line and an
 * {@link org.alexnet4j.cli.ExitCode}. Nothing imports this package. Start reading at {@link
 * org.alexnet4j.cli.Main}.
 */
package org.alexnet4j.cli;
