/**
 * Internal: the command line: parses options, calls the packages that do the work, prints what they
 * return.
 *
 * <p>Results go to standard output, messages to standard error; every failure is one line and an
 * {@link org.alexnet4j.cli.console.ExitCode}. Nothing imports this package or those below it, which
 * are internal. Commands lie in {@code cli.run}, {@code cli.data} and {@code cli.kernels}, which do
 * not know each other; they stand on {@code cli.option}, and all on {@code cli.console}. Start
 * reading at {@link org.alexnet4j.cli.Main}.
 */
package org.alexnet4j.cli;
