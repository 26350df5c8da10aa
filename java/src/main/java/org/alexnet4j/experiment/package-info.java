/**
 * Internal: what experiments give: measures of runs, means over seeds with their intervals, and the
 * page. Must not know commands or training; start with {@code ExperimentResult}.
 */
package org.alexnet4j.experiment;
