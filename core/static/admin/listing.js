/* Lists: choosing rows, keys. */
