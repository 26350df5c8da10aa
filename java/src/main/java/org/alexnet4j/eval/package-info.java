/**
 * API: evaluation and prediction: centre crop and ten views, top-1 and top-5; features, neighbours
 * and a look into the layers. Start reading in {@link org.alexnet4j.eval.Evaluator} and {@link
 * org.alexnet4j.eval.Inspection}.
 */
package org.alexnet4j.eval;
