"""A call for projects as an administrator sets it up: dates, funders, pieces, questions, lists."""
