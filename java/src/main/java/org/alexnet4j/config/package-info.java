/**
 * API: the one YAML file that describes an experiment: network, training, augmentation. Reads
 * presets and files that extend them, names every unknown key and impossible value with its line,
 * and writes the resolved file back. Start reading in {@link org.alexnet4j.config.Configuration}.
 * Imports {@code net} and {@code shape}; knows no device and no data set.
 */
package org.alexnet4j.config;
