/**
 * Turns plans and runs into what a person or a program reads: tables, JSON, comparisons.
 *
 * <p>Imports {@code io}, {@code plan} and {@code net}; computes nothing on devices and prints
 * nothing itself. Start reading at {@link org.alexnet4j.report.PlanReport} and {@link
 * org.alexnet4j.report.RunComparison}.
 */
package org.alexnet4j.report;
