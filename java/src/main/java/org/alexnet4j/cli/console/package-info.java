/**
 * Internal: what the command line and its person say to each other: output, messages, progress,
 * exit codes, the wish to stop. Start reading at {@link org.alexnet4j.cli.console.Console}.
 */
package org.alexnet4j.cli.console;
