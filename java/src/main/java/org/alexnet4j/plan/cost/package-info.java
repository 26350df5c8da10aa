/**
 * Internal: what a plan costs: the arithmetic and the bytes of each operation, and the time of a
 * step that follows from them and from the rates of devices and links.
 */
package org.alexnet4j.plan.cost;
