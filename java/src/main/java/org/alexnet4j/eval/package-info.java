/**
 * Evaluation and prediction: centre crop and ten views, top-1 and top-5. Start reading in {@link
 * org.alexnet4j.eval.Evaluator}.
 */
package org.alexnet4j.eval;
