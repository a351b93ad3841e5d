"""Small programs that know nothing of this package, as they are found anywhere: each prints what it did."""
