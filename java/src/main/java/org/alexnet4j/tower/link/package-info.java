/**
 * Internal: how planes get from one device to another: which transport a pair of devices takes,
 * whether a probe arrives whole, and the copies and events of one way. Moves between ranks, by way
 * of the host or by NCCL ({@link org.alexnet4j.tower.link.RankLinks}). Knows devices, and nothing
 * of towers. Start reading at {@link org.alexnet4j.tower.link.Links}.
 */
package org.alexnet4j.tower.link;
