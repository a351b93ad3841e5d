"""The checks of the lessons' exercises, a module for each lesson, and what the tests prove them with.

`answer` is what a check gives; `reading` takes a name and a number out of an answer. `lock` has the checks of
lesson 04, `lock_answers` right and wrong answers.
"""
