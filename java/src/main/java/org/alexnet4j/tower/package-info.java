/**
 * API: runs a plan: one {@link org.alexnet4j.tower.Tower} per half of the network, each with its
 * device, thread and streams, and the {@link org.alexnet4j.tower.Exchange} between them. Start
 * reading in {@link org.alexnet4j.tower.Towers}. Knows no data set and no schedule.
 */
package org.alexnet4j.tower;
