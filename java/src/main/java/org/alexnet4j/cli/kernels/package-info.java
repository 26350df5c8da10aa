/** Internal: the commands about kernels and the devices that carry them out. */
package org.alexnet4j.cli.kernels;
