"""The form of a register of visits, which marks who came as personal data."""

VISITS = """
key = "visits"
title = "来访登记"
rows = 10
identity = ["visitor"]

[[columns]]
key = "visitor"
header = "来访人"
kind = "文本"
filler = "科室填写"
width = 11
personal = "是"

[[columns]]
key = "day"
header = "来访日期"
kind = "日期"
filler = "科室填写"
width = 11

[[columns]]
key = "left_on"
header = "离开日期"
kind = "日期"
filler = "科室填写"
width = 11
not_before = "来访日期"

[[columns]]
key = "matter"
header = "来访事项"
kind = "长文本"
filler = "科室填写"
width = 30
"""
