/**
 * Internal: images on their way to the devices: the memory that a loader writes and a device copies
 * from, and each device's two slots with the events that order copies and passes. Knows devices,
 * and nothing of towers.
 */
package org.alexnet4j.tower.image;
