/** Internal: options and arguments that several commands have, and what becomes of them. */
package org.alexnet4j.cli.option;
