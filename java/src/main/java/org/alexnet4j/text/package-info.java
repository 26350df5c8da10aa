/**
 * Internal: words for people, which known name a mistyped one is nearest to. Knows nothing else of
 * this project, so that every package can say it in the same way. Start with {@link
 * org.alexnet4j.text.Suggestion}.
 */
package org.alexnet4j.text;
