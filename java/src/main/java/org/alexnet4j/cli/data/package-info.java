/** Internal: {@code prepare} and the commands of {@code data}, which need images and no network. */
package org.alexnet4j.cli.data;
