/** Internal: the commands that need a network, trained or not: {@code train}, {@code eval} ... */
package org.alexnet4j.cli.run;
