/** Internal: the commands that take weights from other frameworks and give weights to them. */
package org.alexnet4j.cli.foreign;
