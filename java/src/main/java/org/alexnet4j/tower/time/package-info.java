/**
 * API: what a pass took, as values: {@link org.alexnet4j.tower.time.OperationTime}, {@link
 * org.alexnet4j.tower.time.ExchangeTime} and the {@link org.alexnet4j.tower.time.Timeline} of both.
 */
package org.alexnet4j.tower.time;
