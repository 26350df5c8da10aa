/**
 * API: lays a network out for towers: operations, buffers, memory and exchanges, as plain values
 * that can be printed and tested without a device. Start reading in {@link
 * org.alexnet4j.plan.Planner}. Imports only {@code net} and {@code shape}.
 */
package org.alexnet4j.plan;
