/**
 * Internal: processes that train one network together, as threads of one process or as an MPI
 * library connects them. Moves bytes and never adds, so that no result depends on how an engine
 * moves them. Imports {@code shape}; knows no network and no device.
 */
package org.alexnet4j.ranks;
