/**
 * Internal: turns plans and runs into what a person or a program reads: tables, JSON, comparisons,
 * the page of a run.
 *
 * <p>Imports {@code io}, {@code config}, {@code plan} and {@code net}; computes nothing on devices
 * and prints nothing itself. Start reading at {@link org.alexnet4j.report.PlanReport}, {@link
 * org.alexnet4j.report.RunComparison} and {@link org.alexnet4j.report.HtmlReport}.
 */
package org.alexnet4j.report;
