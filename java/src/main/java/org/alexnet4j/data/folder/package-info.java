/**
 * Internal: which classes, parts and labels a tree of files has, by the names of its folders or by
 * those that well-known sets give to their files.
 *
 * <p>Knows {@code data.archive}, and nothing of pixels or data sets. Start reading at {@link
 * org.alexnet4j.data.folder.FolderLayout}.
 */
package org.alexnet4j.data.folder;
