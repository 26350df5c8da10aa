/**
 * Internal: takes weights of other frameworks' AlexNets into this one, and gives them back: names,
 * towers and groups, the order of channels, input scale and mean, dropout's factor. What has no
 * counterpart is refused by name; nothing is approximated in silence. Must not import {@code cli}.
 * Start with {@code WeightsImport} and {@code WeightsExport}.
 */
package org.alexnet4j.foreign;
