"""What a reader sees of a run: the timeline, texts and tables. matplotlib is imported here and nowhere else,
lazily.
"""
