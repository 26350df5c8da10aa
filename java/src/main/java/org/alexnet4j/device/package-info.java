/**
 * API: devices and what lives on them: streams, events, arenas and buffers, each owned by whoever
 * created it and closed by its owner. Also the choice of devices for a run. Imports only {@code
 * bindings}. Start reading in {@link org.alexnet4j.device.Device}.
 */
package org.alexnet4j.device;
